"""One suite for both gateways' adapters, and the sandbox against its protocol."""
