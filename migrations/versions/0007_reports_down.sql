-- Takes back reports, statements and decision pages.
drop function payment_hands(uuid);
drop function payment_decision_lines(uuid, integer);
drop function payment_decision(uuid, integer);
drop function billed_people(uuid);
drop function agreement_hands(uuid);
drop function agreement_decision(uuid);
drop function decision_lines(uuid);
drop function fund_falls_due(uuid, date);
drop function fund_statement_lines(uuid, date, date);
drop function fund_statement(uuid, date);
drop function report_money(uuid, date, date, boolean);
drop function report_rows(uuid, date, date, timestamptz, integer, text);
drop function figure_words(text, bigint, bigint, bigint, bigint);
drop function period_words(date, date);
drop function published(bigint, boolean);
drop function report_work(uuid, date, date, timestamptz);
drop index ix_visits_street_kept;
