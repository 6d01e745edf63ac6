/** The browser that tests use: Debian's; CHROMIUM names another. */
export const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium-headless-shell";
