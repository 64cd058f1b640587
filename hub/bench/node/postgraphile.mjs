// PostGraphile 5 on node's http, row-level security on.
//
// The schema is read from our own tables by the administrator once; each request runs on a connection of the viewer's
// own read role, with her settings local to its transaction. What PostGraphile finds is narrowed to the tables that the
// bench asks for, lists instead of connections and no mutations: the fewest steps that give the answer.

import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { TYPES } from "postgraphile/@dataplan/pg";
import { createWithPgClient, makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { extendSchema, gql } from "postgraphile/utils";
import { administrator, CONNECTIONS, everybody, login, ready, today, viewerOf } from "./place.mjs";

const TABLES = new Set([
  "agreements", "cases", "deliveries", "milestones", "organizations", "payment_requests", "payments", "persons",
]);

const OnlyWhatIsAsked = {
  name: "OnlyWhatIsAsked",
  version: "1.0.0",
  gather: {
    hooks: {
      pgIntrospection_introspection(_, { introspection }) {
        const others = introspection.classes.filter((each) => !TABLES.has(each.relname));
        const toItself = introspection.constraints.filter((each) => each.conrelid === each.confrelid);
        for (const each of [...others, ...introspection.procs, ...toItself]) each.getTags().behavior = "-*";
      },
    },
  },
};

// The age group is no column. It goes into the select of the person, as a computed column's inlined body would.
const AgeGroup = extendSchema(({ sql }) => ({
  typeDefs: gql`extend type Person { ageGroup: String }`,
  objects: {
    Person: {
      plans: {
        ageGroup($person) {
          const born = sql`${$person.getClassStep().alias}.birth_on`;
          const after = (years) => sql`${born} > ${sql.literal(today)}::date - ${sql.literal(`${years} years`)}::interval`;
          return $person.select(
            sql`case when ${after(7)} then 'AGE_0_6' when ${after(18)} then 'AGE_7_17'
              when ${after(60)} then 'AGE_18_59' when ${after(70)} then 'AGE_60_69'
              when ${after(80)} then 'AGE_70_79' else 'AGE_80_PLUS' end`,
            TYPES.text,
          );
        },
      },
    },
  },
}));

const poolOf = (options) => new pg.Pool({ ...options, max: CONNECTIONS, min: CONNECTIONS, idleTimeoutMillis: 0 });

const logins = new Map();
for (const viewer of everybody)
  if (!logins.has(viewer.login))
    logins.set(viewer.login, createWithPgClient({ pool: poolOf(login(viewer.login, viewer.password)) }));

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [OnlyWhatIsAsked, AgeGroup],
  disablePlugins: ["PgMutationCreatePlugin", "PgMutationUpdateDeletePlugin", "MutationPlugin", "PgJWTPlugin"],
  pgServices: [makePgService({ pool: poolOf(administrator), schemas: ["public"], pubsub: false })],
  schema: { defaultBehavior: "-connection +list -insert -update -delete +orderBy +filterBy" },
  grafast: {
    context: ({ node }) => {
      const viewer = viewerOf(node.req.headers);
      return { pgSettings: viewer.settings, withPgClient: logins.get(viewer.login) };
    },
    explain: false,
  },
  grafserv: { graphiql: false, websockets: false, outputDataAsString: true },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
await instance.getSchema();
server.listen(0, "127.0.0.1", () => ready(server.address().port));
