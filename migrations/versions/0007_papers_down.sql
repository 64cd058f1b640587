-- Takes back papers.
drop table papers;
drop function street_of_payment_request(uuid);
