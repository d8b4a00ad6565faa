/**
 * Where a redirect leads, and whether it is followed. Pure.
 * @module
 */

/** An address, or why it is not one that is followed. */
export type Redirect = { readonly url: URL } | { readonly why: string };

/** Judges a redirect from an address. @param location as the server wrote it, which may be relative */
export function judgeRedirect(from: URL, location: string): Redirect {
  const url = URL.parse(location, from.href);
  if (!url || !/^https?:$/.test(url.protocol)) return { why: "an address of another kind" };
  // Whoever is on the way could give something else.
  if (from.protocol === "https:" && url.protocol === "http:") return { why: "from https to http" };
  // A user in an address would be sent as a header.
  url.username = "";
  url.password = "";
  return { url };
}
