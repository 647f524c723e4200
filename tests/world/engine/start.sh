#!/bin/sh
# What the app's container runs. It copies the mounted folder when it STARTS and serves the copy:
# new files become live through a restart only, as with a server that loads its code once.
# Files in the folder steer it: start-delay (seconds), exit-code (end at once with it).
[ -f /app/start-delay ] && sleep "$(cat /app/start-delay)"
[ -f /app/exit-code ] && exit "$(cat /app/exit-code)"
mkdir -p /srv
cp -r /app/. /srv/
echo "serving $(cat /srv/version.txt 2>/dev/null)"
exec httpd -f -p 8080 -h /srv
