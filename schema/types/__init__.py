"""The object types: one module a capability, each field naming its column or edge once. No logic lives here."""
