// File name in deploy/grafana -> dashboard.
{ grafanaDashboards+:: {} }
