"""The whole production form on a bare Debian, killed part by part under load: `make production-test`."""
