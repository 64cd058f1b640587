-- Papers: files that the hub makes for somebody. Drafted by `python -m migrations.draft`; the function by hand.
CREATE TABLE papers (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    made_by_id UUID NOT NULL,
    client_id UUID,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_papers PRIMARY KEY (id),
    CONSTRAINT ck_papers_kind CHECK (kind IN ('ACCEPTANCE_PACK', 'PAYMENT_FILE', 'PAYMENT_LIST')),
    CONSTRAINT ck_papers_media_type CHECK (media_type IN ('application/pdf', 'application/zip', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')),
    CONSTRAINT ck_papers_size CHECK (size_bytes > 0),
    CONSTRAINT ck_papers_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT fk_papers_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_papers_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_papers_made_by_id FOREIGN KEY(made_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_papers_client_id FOREIGN KEY(client_id) REFERENCES clients (id)
);

CREATE INDEX ix_papers_made_by ON papers (made_by_id, made_at);

-- In which street a payment request lies: an auditor, who sits at no street, has a file made within that one. What he may
-- see is asked afterwards, and an unknown id has no street.
create function street_of_payment_request(request uuid) returns uuid
    language sql stable security definer set search_path = public, pg_temp
as $$
    select q.street_id from payment_requests q where q.id = request
$$;
