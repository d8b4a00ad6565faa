/**
 * What to do about a tool that could not be got, judged by the last lines its maker printed.
 * @module
 */
const advices: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|ENOSPC|disk quota/i, "free some disk: the Go caches need about 8 GB, then run it again"],
  [
    /checksum mismatch|SECURITY ERROR|DO NOT MATCH THE HASHES/i,
    "what was downloaded is not what is locked: clear the download cache (go clean -modcache, pip cache purge), and if that does not help, ask who runs your registry",
  ],
  [/signal SIGKILL|signal: killed|cannot allocate memory/i, "it ran out of memory: give it 4 GiB and run it again"],
  [
    /permission denied|EACCES|exec format error/i,
    "the folder may not allow running programs: set STEWARD_CACHE to one that does",
  ],
  [
    /dial tcp|lookup .* on|i\/o timeout|connection refused|no such host|TLS handshake|x509|Could not fetch URL|Max retries|certificate verify failed|(response:|HTTP error) [45]/i,
    "the registry could not be reached: check the network, GOPROXY (go env GOPROXY) and pip's settings (python3 -m pip config list), then run it again; what was fetched is kept",
  ],
  [
    /No matching distribution/i,
    "your registry has no wheel for this machine: install the tool yourself and put it on PATH",
  ],
];

/** The cure that the output suggests. */
export function adviseOn(output: string): string {
  return (
    advices.find(([pattern]) => pattern.test(output))?.[1] ??
    "mend what it names, then run it again; what was built is kept"
  );
}
