"""OpenStack Swift in one process, speaking S3: run by the system's Python, where Debian's python3-swift is installed.

    /usr/bin/python3 tests/kernel/swift_server.py FOLDER ACCESS_KEY SECRET_KEY

Prints its port, and serves until its standard input is closed. Everything lies in plain files below FOLDER, which needs
extended attributes. Each part of a signed request is checked by Swift's own s3api middleware.
"""

import logging
import sys
from pathlib import Path

from swift.common import utils

utils.eventlet_monkey_patch()

import eventlet  # noqa: E402
import eventlet.hubs  # noqa: E402
from eventlet import wsgi  # noqa: E402
from swift.account.server import AccountController  # noqa: E402
from swift.common.http_protocol import SwiftHttpProtocol  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402
from swift.container.server import ContainerController  # noqa: E402
from swift.obj.server import ObjectController  # noqa: E402

PROXY = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors gatekeeper listing_formats s3api tempauth bulk slo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""


class Forgetful:
    """A memcache that remembers nothing: tempauth insists on one."""

    def get(self, *key, **options):
        return None

    set = delete = incr = decr = get


def serve(socket, app):
    quiet = logging.getLogger("swift server")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    eventlet.spawn(wsgi.server, socket, app, quiet, protocol=SwiftHttpProtocol, debug=False)


def main():
    folder, user, secret = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = velluto\n")
    utils.set_swift_dir(str(folder))
    disks = folder / "disks"
    conf = {"swift_dir": str(folder), "devices": str(disks), "mount_check": "false", "fallocate_reserve": "0"}
    for kind, controller in (
        ("account", AccountController),
        ("container", ContainerController),
        ("object", ObjectController),
    ):
        (disks / "d").mkdir(parents=True, exist_ok=True)
        socket = eventlet.listen(("127.0.0.1", 0))
        ring = RingBuilder(part_power=1, replicas=1, min_part_hours=0)
        ring.add_dev(
            {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": socket.getsockname()[1], "device": "d", "weight": 1}
        )
        ring.rebalance()
        ring.get_ring().save(str(folder / f"{kind}.ring.gz"))
        serve(socket, controller(conf))
    config = folder / "proxy.conf"
    config.write_text(PROXY.format(folder=folder, user=user.replace(":", "_"), secret=secret))
    proxy = loadapp(str(config), global_conf={"log_name": "proxy"})
    memory = Forgetful()
    socket = eventlet.listen(("127.0.0.1", 0))
    serve(socket, lambda environ, start: proxy({**environ, "swift.cache": memory}, start))
    print(socket.getsockname()[1], flush=True)
    eventlet.hubs.trampoline(0, read=True)  # nothing is ever written there: it is the end that comes


if __name__ == "__main__":
    main()
