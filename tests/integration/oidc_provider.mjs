/**
 * A certified OpenID provider on the loopback address, whose keys are rotated by lines on stdin:
 * {"publish": ["a", "b"], "sign": "a"}. It answers each with a line, once the change holds.
 */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const [certificate, key] = process.argv.slice(2).map((path) => readFileSync(path));
const audience = "agent-gatehouse";
const made = new Map();
const server = createServer({ cert: certificate, key });
let sign;
let answer;
// Standard output is for the answers.
console.info = console.warn;

function keyNamed(kid) {
  if (!made.has(kid)) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    made.set(kid, { ...privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig" });
  }
  return made.get(kid);
}

function provider(kids) {
  return new Provider(`https://127.0.0.1:${server.address().port}`, {
    jwks: { keys: kids.map(keyNamed) },
    clients: [
      {
        client_id: "portal",
        client_secret: "secret",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: "ES256",
      },
    ],
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    extraTokenClaims: () => ({ team: "helpdesk", roles: ["tickets:summarise"] }),
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => `urn:${audience}`,
        getResourceServerInfo: () => ({
          audience,
          scope: "",
          accessTokenFormat: "jwt",
          accessTokenTTL: 3600,
          jwt: { sign: { alg: "ES256", kid: sign } },
        }),
      },
    },
  }).callback();
}

server.on("request", (request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const wanted = JSON.parse(line);
      sign = wanted.sign;
      answer = provider(wanted.publish);
      process.stdout.write(`${server.address().port}\n`);
    })
    .on("close", () => process.exit(0));
});
