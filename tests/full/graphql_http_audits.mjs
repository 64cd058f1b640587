// Runs the server audits of npm `graphql-http` against a URL and prints their results as JSON.
// Usage: node graphql_http_audits.mjs <folder with node_modules> <url> <access token>
import { createRequire } from "node:module";
import path from "node:path";

const [folder, url, token] = process.argv.slice(2);
const { serverAudits } = createRequire(path.join(path.resolve(folder), "package.json"))("graphql-http");

const fetchFn = (target, init = {}) =>
  fetch(target, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

const results = [];
for (const audit of serverAudits({ url, fetchFn })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason: reason ?? null });
}
process.stdout.write(JSON.stringify(results));
