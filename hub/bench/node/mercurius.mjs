// Mercurius on fastify, compiled queries, loaders written by hand.
//
// What a good engineer would write without row-level security: the administrator's login, the viewer's ids in the where
// clauses, one named (and so prepared) statement for each list and each loader, no logging, no Date objects.

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { many, one } from "./loaders.mjs";
import { administrator, CONNECTIONS, ready, today, viewerOf } from "./place.mjs";

const { INT8, TIMESTAMPTZ, DATE } = pg.types.builtins;
pg.types.setTypeParser(INT8, Number);
pg.types.setTypeParser(DATE, String);
// 2026-05-01 10:00:00+08 → 2026-05-01T10:00:00+08:00, which a Date would cost several times as much
pg.types.setTypeParser(TIMESTAMPTZ, (text) => `${text.slice(0, 10)}T${text.slice(11)}:00`);

const schema = `
  type Query {
    cases(last: Int!): [Case!]!
    case(id: ID!): Case
    milestones(first: Int!): [Milestone!]!
  }
  type Case {
    id: ID! reference: String kind: String status: String openedAt: String quantity: Int delivered: Int
    person: Person community: Organization deliveries(first: Int!): [Delivery!]!
  }
  type Person { id: ID! name: String ageGroup: String }
  type Organization { id: ID! name: String }
  type Delivery { id: ID! reference: String status: String quantity: Int unit: String happenedAt: String }
  type Milestone {
    id: ID! code: String title: String kind: String status: String dueOn: String amountFen: Float
    agreement: Agreement partner: Organization paymentRequests: [PaymentRequest!]!
  }
  type Agreement { id: ID! reference: String title: String status: String }
  type PaymentRequest {
    id: ID! reference: String status: String payableFen: Float dueOn: String payments: [Payment!]!
  }
  type Payment { id: ID! status: String amountFen: Float settledOn: String }
`;

const CASE = `id, reference, kind, status, opened_at as "openedAt", quantity, delivered_count as delivered,
  person_id as "personId", community_id as "communityId"`;
const OURS = "$1 = any(partner_ids) and access_until >= $2";
const AGE_GROUP = `case when birth_on > $2::date - interval '7 years' then 'AGE_0_6'
  when birth_on > $2::date - interval '18 years' then 'AGE_7_17'
  when birth_on > $2::date - interval '60 years' then 'AGE_18_59'
  when birth_on > $2::date - interval '70 years' then 'AGE_60_69'
  when birth_on > $2::date - interval '80 years' then 'AGE_70_79' else 'AGE_80_PLUS' end`;

const STATEMENTS = {
  cases: `select * from (select ${CASE} from cases where partner_id = $1 and ${OURS} order by id limit $3) c order by id desc`,
  case: `select ${CASE} from cases where ${OURS} and id = $3`,
  persons: `select id, name, ${AGE_GROUP} as "ageGroup" from persons where ${OURS} and id = any($3::uuid[])`,
  organizations: "select id, name from organizations where id = any($1::uuid[])",
  deliveries: `select d.* from unnest($2::uuid[]) wanted (id) cross join lateral (
      select case_id as "caseId", id, reference, status, quantity, unit, happened_at as "happenedAt"
      from deliveries where case_id = wanted.id and partner_id = $1 order by happened_at desc, id desc limit $3) d`,
  milestones: `select id, code, title, kind, status, due_on as "dueOn", amount_fen as "amountFen",
      agreement_id as "agreementId", partner_id as "partnerId"
    from milestones where street_id = $1 order by due_on desc, id desc limit $2`,
  agreements: "select id, reference, title, status from agreements where street_id = $1 and id = any($2::uuid[])",
  requests: `select milestone_id as "milestoneId", id, reference, status, payable_fen as "payableFen", due_on as "dueOn"
    from payment_requests where street_id = $1 and milestone_id = any($2::uuid[]) order by id`,
  payments: `select request_id as "requestId", id, status, amount_fen as "amountFen", settled_on as "settledOn"
    from payments where street_id = $1 and request_id = any($2::uuid[]) order by id`,
};

// Statements of several requests are under way on each connection at once; a pool would hold one back for each.
const connections = Array.from(
  { length: CONNECTIONS },
  () => new pg.Client({ ...administrator, pipeline: true }),
);
await Promise.all(connections.map((each) => each.connect()));

let turn = 0;

async function ask(name, values) {
  turn = (turn + 1) % connections.length;
  return (await connections[turn].query({ name, text: STATEMENTS[name], values })).rows;
}

// The loaders of one request.
class Loaders {
  constructor({ partner_id: partner, street_id: street }) {
    this.partner = partner;
    this.street = street;
    this.person = one((ids) => ask("persons", [partner, today, ids]));
    this.organization = one((ids) => ask("organizations", [ids]));
    this.agreement = one((ids) => ask("agreements", [street, ids]));
    this.requests = many("milestoneId", (ids) => ask("requests", [street, ids]));
    this.payments = many("requestId", (ids) => ask("payments", [street, ids]));
    this.latest = new Map();
  }

  // One loader for each length that is asked for.
  deliveries(first) {
    let loader = this.latest.get(first);
    if (loader === undefined)
      this.latest.set(first, (loader = many("caseId", (ids) => ask("deliveries", [this.partner, ids, first]))));
    return loader;
  }
}

const resolvers = {
  Query: {
    cases: (_, { last }, { rows }) => ask("cases", [rows.partner, today, last]),
    case: async (_, { id }, { rows }) => (await ask("case", [rows.partner, today, id]))[0] ?? null,
    milestones: (_, { first }, { rows }) => ask("milestones", [rows.street, first]),
  },
  Case: {
    person: (row, _, { rows }) => rows.person(row.personId),
    community: (row, _, { rows }) => rows.organization(row.communityId),
    deliveries: (row, { first }, { rows }) => rows.deliveries(first)(row.id),
  },
  Milestone: {
    agreement: (row, _, { rows }) => rows.agreement(row.agreementId),
    partner: (row, _, { rows }) => rows.organization(row.partnerId),
    paymentRequests: (row, _, { rows }) => rows.requests(row.id),
  },
  PaymentRequest: { payments: (row, _, { rows }) => rows.payments(row.id) },
};

const app = Fastify({ logger: false });
app.register(mercurius, {
  schema,
  resolvers,
  jit: 1,
  // The database's values are of the right types already.
  compilerOptions: { disableLeafSerialization: true, disablingCapturingStackErrors: true },
  graphiql: false,
  context: (request) => ({ rows: new Loaders(viewerOf(request.headers).row) }),
});
await app.listen({ host: "127.0.0.1", port: 0 });
ready(app.server.address().port);
