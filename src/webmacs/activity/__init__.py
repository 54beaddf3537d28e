"""Who was there, from where and with what; the audit log, sealed."""
