#!/bin/bash
# Apache in the foreground, with the virtual host that follows from the settings. /run/gateway is in memory.
set -e
cd /run/gateway
webmacs apache > webmacs.conf
# Its logs are what the container says. They go through a pipe of our own, because no other may be opened by name.
exec > >(exec cat) 2>&1
ln -sf /dev/stdout webmacs.log
ln -sf /dev/stderr error.log
. /etc/apache2/envvars
export APACHE_RUN_DIR=$PWD APACHE_LOCK_DIR=$PWD APACHE_LOG_DIR=$PWD APACHE_PID_FILE=$PWD/apache2.pid
exec /usr/sbin/apache2 -DFOREGROUND -c "ServerName localhost"
