# The machine of somebody who installs Rejoin, in namespaces of its own: /etc, /usr/local/bin, /var/lib and every port
# are theirs. `systemctl` and `journalctl` do by hand what the unit says; `sudo` is setpriv with nothing of our environment.
set -eu
ip link set lo up
mount --make-rprivate /
own() { mount -t tmpfs tmpfs /mnt; cp -a "$1/." /mnt/ 2>/dev/null || true; mount --move /mnt "$1"; }
own /etc
mount -t tmpfs tmpfs /usr/local/bin
mount -t tmpfs tmpfs /var/lib
rm -f /etc/rejoin.env

sudo() {
  shift 2
  setpriv --reuid rejoin --regid rejoin --init-groups env -i PATH=/usr/local/bin:/usr/bin:/bin "$@"
}
unit() { sed -n "s/^$1=//p" /etc/systemd/system/rejoin.service; }
stop() { if [ -s "$LOG.pid" ]; then kill "$(cat "$LOG.pid")"; while kill -0 "$(cat "$LOG.pid")" 2>/dev/null; do sleep 0.1; done; fi; }
start() {
  stop
  install -d -o rejoin -g rejoin -m 0700 "/var/lib/$(unit StateDirectory)"
  file=$(unit EnvironmentFile)
  settings=$(grep '^REJOIN_' "${file#-}" || true)
  : > "$LOG"
  (
    cd "$(unit WorkingDirectory)"
    # As systemd does.
    exec setpriv --reuid "$(unit User)" --regid "$(unit Group)" --init-groups \
      env -i "$(unit Environment)" $settings INVOCATION_ID=1 $(unit ExecStart)
  ) >> "$LOG" 2>&1 &
  echo $! > "$LOG.pid"
  until grep -q '^Rejoin listens on' "$LOG"; do kill -0 "$(cat "$LOG.pid")"; sleep 0.1; done
}
systemctl() { case "$1" in enable | start | restart) start ;; stop) stop; rm -f "$LOG.pid" ;; esac; }
journalctl() { cat "$LOG"; }
try() {
  "$@" > "$LOG.try" 2>&1 &
  tried=$!
  until grep -q '^Rejoin listens on' "$LOG.try"; do kill -0 $tried; sleep 0.1; done
  kill $tried
  wait $tried
}
trap stop EXIT
