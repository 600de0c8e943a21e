"""What OCSF 1.3.0 requires of an event, of each class and of each object in it: https://schema.ocsf.io/1.3.0/."""

BASE = {"activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"}
CLASSES = {
    0: (0, {99}, set()),
    2004: (2, {1, 2, 3, 99}, {"finding_info", "cloud"}),
    3001: (3, {*range(1, 12), 99}, {"user"}),
    3002: (3, {1, 2, 3, 4, 5, 99}, {"user", "service"}),
    4001: (4, {1, 2, 3, 4, 5, 6, 7, 99}, {"src_endpoint", "dst_endpoint", "action_id"}),
    6003: (6, {1, 2, 3, 4, 99}, {"actor", "api", "src_endpoint"}),
}
"""Per class: its category, its activities, what it requires beyond what every event has."""
OBJECTS = {
    "metadata": ({"product", "version"}, set()),
    "product": ({"vendor_name"}, set()),
    "finding_info": ({"uid", "title"}, set()),
    "api": ({"operation"}, set()),
    "request": ({"uid"}, set()),
    "cloud": ({"provider"}, set()),
    "actor": (set(), {"user", "session", "invoked_by", "process", "app_name", "app_uid"}),
    "user": (set(), {"account", "name", "uid"}),
    "service": (set(), {"name", "uid"}),
    "src_endpoint": (set(), {"ip", "hostname", "name", "svc_name", "uid"}),
    "dst_endpoint": (set(), {"ip", "hostname", "name", "svc_name", "uid"}),
    "connection_info": ({"direction_id"}, set()),
    "traffic": (set(), {"bytes", "packets"}),
    "resources": (set(), {"name", "uid"}),
    "evidences": (set(), {"actor", "api", "src_endpoint", "resources"}),
    "observables": ({"name", "type_id"}, set()),
}
"""Per object: what it must have, and of what it must have one at least."""
FREE = {"unmapped", "data"}
WHOLE = {"time", "class_uid", "type_uid", "activity_id", "severity_id", "status_id", "created_time", "modified_time"}
STATUSES, SEVERITIES = {0, 1, 2, 3, 4, 5, 6, 99}, {0, 1, 2, 3, 4, 5, 6, 99}


def faults(event):
    """Return what is wrong with an event, in words."""
    found = [f"lacks {name}" for name in sorted(BASE - event.keys())]
    if event.get("class_uid") not in CLASSES:
        return [*found, f"no class {event.get('class_uid')}"]
    category, activities, required = CLASSES[event["class_uid"]]
    found += [f"lacks {name}" for name in sorted(required - event.keys())]
    found += [] if event.get("category_uid") == category else [f"category {event.get('category_uid')}"]
    found += [] if event.get("activity_id") in activities else [f"activity {event.get('activity_id')}"]
    if event.get("type_uid") != event["class_uid"] * 100 + event.get("activity_id", -1):
        found.append(f"type {event.get('type_uid')}")
    found += [] if event.get("severity_id") in SEVERITIES else ["severity"]
    found += [] if event.get("status_id") in STATUSES else ["status"]
    return found + list(_objects(event))


def _objects(value, name=""):
    if isinstance(value, list):
        for one in value:
            yield from _objects(one, name)
    elif isinstance(value, dict) and name not in FREE:
        must, one_of = OBJECTS.get(name, (set(), set()))
        yield from (f"{name} lacks {one}" for one in sorted(must - value.keys()))
        if one_of and not one_of & value.keys():
            yield f"{name} has none of {sorted(one_of)}"
        for key, inner in value.items():
            yield from _objects(inner, key)
    elif name in WHOLE and type(value) is not int:
        yield f"{name} is {value!r}"
    elif value in (None, "") and name not in FREE:
        yield f"{name} is empty"
