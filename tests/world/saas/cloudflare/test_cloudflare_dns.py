"""DNS records: content by type, conflicts, proxying, quotas, filters, batches, export."""

import pytest

A = {"type": "A", "name": "www", "content": "192.0.2.1"}


@pytest.fixture
def records(zone):
    """Return the path of a zone's records."""
    return f"{zone}/dns_records"


def test_record_is_stored_under_its_full_name(api, records):
    """Names are completed, lowered; defaults are filled in."""
    made = api.ok("POST", records, {**A, "name": "WWW"})
    assert made["name"] == "www.example.com"
    assert (made["ttl"], made["proxied"], made["proxiable"], made["tags"]) == (1, False, True, [])
    assert made["created_on"] == made["modified_on"] == "2026-03-01T12:00:00.000000Z"
    assert api.ok("POST", records, {"type": "A", "name": "@", "content": "192.0.2.9"})["name"] == "example.com"
    outside = api.ok("POST", records, {"type": "A", "name": "a.other.org", "content": "192.0.2.9"})
    assert outside["name"] == "a.other.org.example.com"


@pytest.mark.parametrize(
    ("given", "content"),
    [
        ({"type": "AAAA", "content": "2001:DB8:0:0::1"}, "2001:db8::1"),
        ({"type": "CNAME", "content": "Target.Example.NET."}, "target.example.net"),
        ({"type": "MX", "content": "mail.example.net", "priority": 10}, "mail.example.net"),
        ({"type": "TXT", "content": "v=spf1 -all"}, "v=spf1 -all"),
        ({"type": "NS", "content": "ns1.example.net"}, "ns1.example.net"),
        ({"type": "CAA", "data": {"flags": 0, "tag": "issue", "value": "ca.example"}}, '0 issue "ca.example"'),
        (
            {"type": "SRV", "data": {"priority": 1, "weight": 5, "port": 443, "target": "s.example.net"}},
            "5 443 s.example.net",
        ),
        (
            {"type": "HTTPS", "data": {"priority": 1, "target": ".", "value": 'alpn="h2"'}},
            '1 . alpn="h2"',
        ),
    ],
)
def test_content_is_normalised_by_type(api, records, given, content):
    """Each type in its stored form."""
    assert api.ok("POST", records, {"name": "x", **given})["content"] == content


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"type": "A", "content": "192.0.2.300"}, 9005),
        ({"type": "A", "content": "2001:db8::1"}, 9005),
        ({"type": "A"}, 9020),
        ({"type": "AAAA", "content": "192.0.2.1"}, 9006),
        ({"type": "CNAME", "content": "192.0.2.1"}, 9007),
        ({"type": "CNAME", "content": "not a host"}, 9007),
        ({"type": "CNAME", "content": "x.example.com"}, 9039),
        ({"type": "MX", "content": "192.0.2.1", "priority": 1}, 9009),
        ({"type": "MX", "content": "mail.example.net"}, 9010),
        ({"type": "MX", "content": "mail.example.net", "priority": 70000}, 9010),
        ({"type": "CAA", "content": '0 issue "ca.example"'}, 9101),
        ({"type": "CAA", "data": {"flags": 0, "tag": "steal", "value": "x"}}, 9102),
        ({"type": "SRV", "data": {"priority": 1, "weight": 5, "port": 70000, "target": "s.example.net"}}, 9102),
        ({"type": "SPF", "content": "x"}, 9002),
        ({"type": "TXT", "content": "x" * 2049}, 9208),
        ({"type": "TXT", "content": "x", "proxied": True}, 9004),
        ({"type": "A", "content": "10.0.0.1", "proxied": True}, 9003),
        ({"type": "A", "content": "192.0.2.1", "ttl": 59}, 9021),
        ({"type": "A", "content": "192.0.2.1", "ttl": 86401}, 9021),
        ({"type": "A", "content": "192.0.2.1", "ttl": "300"}, 9021),
        ({"type": "A", "content": "192.0.2.1", "name": "sp ace"}, 9000),
        ({"type": "A", "content": "192.0.2.1", "name": "a.*.b"}, 9000),
        ({"type": "A", "content": "192.0.2.1", "name": None}, 9000),
        ({"type": "A", "content": "192.0.2.1", "tags": ["team:web"]}, 1004),
        ({"type": "A", "content": "192.0.2.1", "comment": "x" * 101}, 1004),
    ],
)
def test_bad_record_is_refused_with_its_code(api, records, given, code):
    """One row per rule; nothing is stored."""
    assert api.refused("POST", records, {"name": "x", **given})[:2] == (400, code)
    assert api.page(records)[0] == []


def test_private_address_is_stored_but_cannot_be_proxied(api, records):
    """`proxiable` says so, and a later switch is refused."""
    made = api.ok("POST", records, {**A, "content": "10.0.0.1"})
    assert made["proxiable"] is False
    expected = (400, 9003, "Target 10.0.0.1 is not allowed for a proxied record.")
    assert api.refused("PATCH", f"{records}/{made['id']}", {"proxied": True}) == expected


def test_proxied_record_has_automatic_ttl(api, records):
    """A TTL given with it falls away."""
    assert api.ok("POST", records, {**A, "ttl": 300, "proxied": True})["ttl"] == 1
    assert api.ok("POST", records, {**A, "name": "grey", "ttl": 300})["ttl"] == 300


def test_cname_stands_alone_at_its_name(api, records):
    """81053, 81054 and 81058; other types may share the name."""
    cname = {"type": "CNAME", "name": "www", "content": "t.example.net"}
    made = api.ok("POST", records, A)
    assert api.refused("POST", records, cname)[:2] == (400, 81053)
    assert api.refused("POST", records, A) == (400, 81058, "An identical record already exists.")
    api.ok("POST", records, {**A, "content": "192.0.2.2"})
    api.ok("POST", records, {"type": "TXT", "name": "www", "content": "hello"})
    for row in api.page(f"{records}?type=A")[0]:
        api.ok("DELETE", f"{records}/{row['id']}")
    api.ok("POST", records, cname)
    assert api.refused("POST", records, A)[:2] == (400, 81054)
    assert api.refused("POST", records, {**cname, "content": "u.example.net"})[:2] == (400, 81053)
    assert api.refused("GET", f"{records}/{made['id']}") == (404, 81044, "Record does not exist.")


def test_patch_changes_parts_and_put_replaces_all(api, records, clock):
    """A put without comment drops it; identity and creation stay."""
    made = api.ok("POST", records, {**A, "comment": "front", "ttl": 300})
    clock.advance(5)
    patched = api.ok("PATCH", f"{records}/{made['id']}", {"content": "192.0.2.7"})
    assert (patched["content"], patched["comment"], patched["ttl"]) == ("192.0.2.7", "front", 300)
    assert patched["comment_modified_on"] == made["created_on"]
    replaced = api.ok("PUT", f"{records}/{made['id']}", A)
    assert (replaced["id"], replaced["comment"], replaced["ttl"]) == (made["id"], None, 1)
    assert (replaced["created_on"], replaced["modified_on"]) == (made["created_on"], "2026-03-01T12:00:05.000000Z")
    api.ok("PATCH", f"{records}/{made['id']}", {"content": "192.0.2.1"})


def test_record_list_filters(api, records):
    """By name, type, content, proxying, comment, search, and any of them."""
    api.ok("POST", records, {**A, "comment": "Front door", "proxied": True})
    api.ok("POST", records, {"type": "TXT", "name": "@", "content": "v=spf1 -all"})
    api.ok("POST", records, {"type": "A", "name": "api", "content": "192.0.2.2"})

    def found(query):
        return sorted(row["name"].partition(".")[0] for row in api.page(f"{records}?{query}")[0])

    assert found("name=www.example.com") == ["www"]
    assert found("name.endswith=example.com&type=A") == ["api", "www"]
    assert found("content.contains=spf1") == ["example"]
    assert found("proxied=true") == ["www"]
    assert found("comment.present=") == ["www"]
    assert found("comment.contains=front") == ["www"]
    assert found("search=192.0.2") == ["api", "www"]
    assert found("type=TXT&proxied=true") == []
    assert found("type=TXT&proxied=true&match=any") == ["example", "www"]
    assert [row["type"] for row in api.page(records)[0]] == ["A", "A", "TXT"]
    assert [row["type"] for row in api.page(f"{records}?order=type&direction=desc")[0]] == ["TXT", "A", "A"]
    assert api.refused("GET", f"{records}?order=id")[:2] == (400, 1004)


def test_tags_filter_on_a_plan_that_has_them(make_api):
    """Name, exact value, absence."""
    api = make_api("pro")
    records = "/zones/" + api.ok("POST", "/zones", {"name": "example.com"})["id"] + "/dns_records"
    api.ok("POST", records, {**A, "tags": ["team:web", "important"]})
    api.ok("POST", records, {**A, "name": "db"})
    assert [row["name"] for row in api.page(f"{records}?tag=team:web")[0]] == ["www.example.com"]
    assert [row["name"] for row in api.page(f"{records}?tag=important")[0]] == ["www.example.com"]
    assert [row["name"] for row in api.page(f"{records}?tag.absent=team")[0]] == ["db.example.com"]
    assert api.page(f"{records}?tag=team:db")[0] == []


def test_free_plan_holds_200_records(api, records):
    """The 201st is refused, also in a batch."""
    posts = [{"type": "A", "name": f"h{number}", "content": "192.0.2.1"} for number in range(200)]
    api.ok("POST", f"{records}/batch", {"posts": posts})
    assert api.refused("POST", records, A) == (400, 81045, "Record quota exceeded.")
    rows, info = api.page(f"{records}?per_page=150&page=2")
    assert (len(rows), info["total_count"]) == (50, 200)
    assert api.page(f"{records}?per_page=150&page=3")[0] == []


def test_batch_runs_deletes_first_and_is_atomic(api, records):
    """A name is freed and taken in one batch; one bad post undoes all of it."""
    old = api.ok("POST", records, A)
    cname = {"type": "CNAME", "name": "www", "content": "t.example.net"}
    bad = {"deletes": [{"id": old["id"]}], "posts": [cname, {"type": "A", "name": "bad", "content": "x"}]}
    assert api.refused("POST", f"{records}/batch", bad)[:2] == (400, 9005)
    assert [row["id"] for row in api.page(records)[0]] == [old["id"]]
    done = api.ok("POST", f"{records}/batch", {"deletes": [{"id": old["id"]}], "posts": [cname]})
    assert ([row["id"] for row in done["deletes"]], done["patches"]) == ([old["id"]], None)
    assert [row["type"] for row in api.page(records)[0]] == ["CNAME"]


def test_export_writes_a_zone_file(api, records):
    """Hosts end in a dot, texts are quoted, MX has its priority."""
    api.ok("POST", records, {**A, "comment": "front"})
    api.ok("POST", records, {"type": "MX", "name": "@", "content": "mail.example.net", "priority": 10})
    api.ok("POST", records, {"type": "TXT", "name": "@", "content": 'say "hi"'})
    lines = api.send("GET", f"{records}/export").body.decode().splitlines()
    assert "www.example.com.\t1\tIN\tA\t192.0.2.1 ; front cf_tags=cf-proxied:false" in lines
    assert "example.com.\t1\tIN\tMX\t10 mail.example.net. ; cf_tags=cf-proxied:false" in lines
    assert 'example.com.\t1\tIN\tTXT\t"say \\"hi\\"" ; cf_tags=cf-proxied:false' in lines
