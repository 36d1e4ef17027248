"""What pyspf makes of the records in internal/spf/testdata/awkward.txt, as JSON.

DNS is what the file says: no question leaves the process.
"""
import json
import re
import sys

import spf

TYPES = {"A", "AAAA", "MX", "TXT", "PTR", "CNAME"}


def read(path):
    """The cases: (title, client, {(name, type): [data]}, {(name, type) that fails})."""
    cases = []
    clause = False
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if line.startswith("== "):
                cases.append([line[3:], "203.0.113.7", {}, set()])
                clause = True
            elif clause:
                clause = False
            elif line.startswith("client "):
                cases[-1][1] = line[7:]
            else:
                name, kind, data = line.split(" ", 2)
                if kind == "FAIL":
                    cases[-1][3].add((name, data))
                    continue
                assert kind in TYPES, line
                cases[-1][2].setdefault((name, kind), []).append(data)
    return cases


def octets(data):
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), data.encode())


def lookup_in(records, fails):
    def lookup(name, qtype, strict=True, timeout=None):
        name = name.rstrip(".").lower()
        if (name, qtype) in fails:
            raise spf.TempError("DNS timeout")
        found = []
        for target in records.get((name, "CNAME"), []):
            found.append(((name, "CNAME"), target))
            name = target
        for data in records.get((name, qtype), []):
            if qtype == "TXT":
                data = [octets(data)]
            elif qtype == "MX":
                data = (10, data)
            elif qtype == "AAAA":
                data = spf.ipaddress.ip_address(data).packed if spf.DNSLookup is spf.DNSLookup_pydns else data
            found.append(((name, qtype), data))
        return found

    return lookup


def judge(client, records, fails):
    spf.DNSLookup = lookup_in(records, fails)
    q = spf.query(client, "user@d.example", "helo.example", receiver="receiver.example")
    result = q.check()[0]
    return {"Result": result, "Lookups": q.lookups, "Voids": q.void_lookups}


def main():
    out = {}
    for title, client, records, fails in read(sys.argv[1]):
        out[title] = judge(client, records, fails)
    json.dump(out, sys.stdout, indent=1)
    print()


main()
