"""JupyterLab in the playbook's container: no token, hence nobody but this machine's user."""

c = get_config()  # noqa: F821  (Jupyter provides it)

# All addresses of the container; docker-compose.yml publishes the port on loopback only.
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
c.IdentityProvider.token = ""

# What stands in a token's place. A web page of another site is held off by Jupyter's checks of
# `Origin` and of its XSRF cookie, and one that has its own name resolve to 127.0.0.1 by this: only
# requests that name localhost or a loopback address are answered. Said here because the default
# follows `ip`, and would be to answer everybody.
c.ServerApp.allow_remote_access = False
c.ServerApp.local_hostnames = ["localhost"]

c.ServerApp.root_dir = "/home/jupyter"
c.LabApp.default_url = "/lab/tree/image_server_playbook.ipynb"
# It asks nobody outside for news or newer versions.
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
