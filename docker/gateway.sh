#!/bin/sh
# Apache in the foreground, with the virtual host that follows from the settings. /run/gateway is in memory.
set -eu
mkdir -p /run/gateway
webmacs apache > /run/gateway/webmacs.conf
. /etc/apache2/envvars
export APACHE_RUN_DIR=/run/gateway APACHE_PID_FILE=/run/gateway/apache2.pid APACHE_LOCK_DIR=/run/gateway
exec /usr/sbin/apache2 -DFOREGROUND -c "ServerName localhost"
