"""An advertiser whose events the edge takes."""

import json

from lib.admin_client import made, make_campaign
from lib.wait import wait_until


class Shop:
    """An advertiser with a campaign, a partner's link and a key, and the edge that takes its events."""

    def __init__(self, full, **fields):
        self.full = full
        full.add_edge()
        self.advertiser = made(full.buyer.post("/api/v1/advertisers", json={"name": "Brand", **fields}))
        self.path = f"/api/v1/advertisers/{self.advertiser['id']}"
        landing = "https://shop.example.com/"
        owned = {"advertiser_id": self.advertiser["id"], "landing_url": landing}
        self.campaign = make_campaign(full.buyer, **owned)
        self.partner = made(full.buyer.post("/api/v1/partners", json={"name": "Ana", "kind": "influencer"}))
        link = {"campaign_id": self.campaign["id"], "partner_id": self.partner["id"], "code": "ana-shop"}
        self.link = made(full.buyer.post("/api/v1/links", json=link))
        self.key = self.new_key()
        full.wait_pushed()

    def new_key(self, **fields):
        return made(self.full.buyer.post(f"{self.path}/keys", json=fields))["key"]

    def send(self, body, path="/api/v1/events", **headers):
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        sent = {"X-API-KEY": self.key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.full.nginx.client.post(path, content=content, headers={k: v for k, v in sent.items() if v})

    def stored(self, count, columns="action"):
        query = f"SELECT {columns} FROM events.customer_events ORDER BY time, journal, position"
        wait_until(
            lambda: self.full.database.value("SELECT count(*) FROM events.customer_events") >= count,
            f"{count} stored events",
            20,
        )
        rows = self.full.database.rows(query)
        assert len(rows) == count
        return rows
