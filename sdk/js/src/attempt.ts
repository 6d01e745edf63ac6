/** Web Storage may be missing (Node), forbidden (a sandboxed frame), full or spoilt; none of that is the host page's problem. */

export function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
