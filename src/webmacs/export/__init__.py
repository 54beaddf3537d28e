"""Datapoints as files: PostgreSQL writes the lines, page by page, and each page is sent before the next is asked for.

A page is one short statement, so no transaction and no snapshot lives as long as a slow client, and memory is that of
a page. (`COPY` would be one statement for all, held open by whoever downloads, and libpq gives its rows one by one.)
"""
