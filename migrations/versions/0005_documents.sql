-- Documents: what is known of a file. Drafted by `python -m migrations.draft documents`.
CREATE TABLE documents (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    district_id UUID NOT NULL,
    street_id UUID NOT NULL,
    community_id UUID,
    partner_id UUID,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    captured_at TIMESTAMP WITH TIME ZONE,
    status TEXT DEFAULT 'PENDING' NOT NULL,
    uploaded_by_id UUID NOT NULL,
    client_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    upload_until_at TIMESTAMP WITH TIME ZONE NOT NULL,
    stored_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT '1' NOT NULL,
    CONSTRAINT pk_documents PRIMARY KEY (id),
    CONSTRAINT ck_documents_kind CHECK (kind IN ('PHOTO', 'SIGNATURE', 'SIGN_IN_SHEET', 'REPORT', 'CONTRACT', 'INVOICE', 'BANK_SLIP', 'OTHER')),
    CONSTRAINT ck_documents_media_type CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    CONSTRAINT ck_documents_status CHECK (status IN ('PENDING', 'STORED', 'EXPIRED')),
    CONSTRAINT ck_documents_size CHECK (size_bytes > 0),
    CONSTRAINT ck_documents_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_documents_name CHECK (name <> '' and name !~ '[/\\[:cntrl:]]'),
    CONSTRAINT ck_documents_upload_until CHECK (upload_until_at > created_at),
    CONSTRAINT ck_documents_stored CHECK ((status = 'STORED') = (stored_at is not null)),
    CONSTRAINT uq_documents_reference UNIQUE (reference),
    CONSTRAINT fk_documents_district_id FOREIGN KEY(district_id) REFERENCES organizations (id),
    CONSTRAINT fk_documents_street_id FOREIGN KEY(street_id) REFERENCES organizations (id),
    CONSTRAINT fk_documents_community_id FOREIGN KEY(community_id) REFERENCES organizations (id),
    CONSTRAINT fk_documents_partner_id FOREIGN KEY(partner_id) REFERENCES organizations (id),
    CONSTRAINT fk_documents_uploaded_by_id FOREIGN KEY(uploaded_by_id) REFERENCES memberships (id),
    CONSTRAINT fk_documents_client_id FOREIGN KEY(client_id) REFERENCES clients (id)
);

CREATE INDEX ix_documents_community ON documents (community_id, id);

CREATE INDEX ix_documents_partner ON documents (partner_id, id);

CREATE INDEX ix_documents_pending ON documents (upload_until_at, id) WHERE status = 'PENDING';

CREATE INDEX ix_documents_sha256 ON documents (sha256);

CREATE INDEX ix_documents_street ON documents (street_id, id);
