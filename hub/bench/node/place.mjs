// What a contestant process is told through its environment (hub/bench/contestants/place.py), and what both servers
// share: how to connect, who asks, and saying that they answer.

const given = process.env;

export const today = given.BENCH_TODAY;

// As many as our own read pools hold: more would only queue in the database.
export const CONNECTIONS = 4;

// Settings of the session as our own read roles have them (migrations/roles.py).
const SESSION = "-c TimeZone=Asia/Shanghai -c plan_cache_mode=force_generic_plan -c jit=off";

export const login = (user, password) => ({
  host: given.BENCH_HOST,
  port: Number(given.BENCH_PORT),
  database: given.BENCH_DATABASE,
  user,
  password,
  options: SESSION,
});

export const administrator = login(given.BENCH_USER, given.BENCH_PASSWORD);

const viewers = new Map(
  Object.entries(JSON.parse(given.BENCH_VIEWERS)).map(([token, viewer]) => [`Bearer ${token}`, viewer]),
);

export const everybody = [...viewers.values()];

// The cheapest sign-in there is: one look-up. Ours verifies a signed token and asks whether the session is live.
export function viewerOf(headers) {
  const viewer = viewers.get(headers.authorization);
  if (viewer === undefined) throw new Error("Nobody is known by this token.");
  return viewer;
}

export function ready(port) {
  process.on("SIGTERM", () => process.exit(0)); // nothing that it holds has to be saved
  process.stdout.write(`READY ${port}\n`);
}
