#!/usr/bin/env python3
"""A key-value store over the Maelstrom protocol (lin-kv), in one file.

The first node keeps all values; the others pass what they are asked on to it. It is linearizable, and
stays so under lost, late, doubled and reordered messages, cut links and pauses. It keeps values in
memory only, so it does not claim to survive a kill of the first node.

    kv.py                    right
    kv.py --read-own-copy    a mistake: each node answers reads from a copy that lags behind
    kv.py --echo-before      a mistake: now and then an echo is that of the request before
    kv.py --short-ids        a mistake: identifiers leave out which node made them
    kv.py --ask-services     each node asks every service of the protocol before it serves; right
                             as well, as it needs none of them
"""

import json
import sys
import time

SERVICES = ["lin-kv", "seq-kv", "lww-kv", "lin-tso"]


class Node:
    """Takes messages, one after another, and returns those to send."""

    def __init__(self, reads_own_copy, services, echoes_before=False, ids_are_short=False):
        self.reads_own_copy = reads_own_copy
        self.echoes_before = echoes_before
        self.ids_are_short = ids_are_short
        self.made = 0
        self.said = []
        # Services that are still to answer, and who waits for that.
        self.services = set(services)
        self.starter = None
        self.name = None
        self.names = []
        self.values = {}
        # A restarted node must not use numbers again.
        self.life = time.time_ns()
        self.asked = 0
        # What was passed on and has no answer yet: its number here -> who asked, and with which number.
        self.passed_on = {}
        # Whatever was done for a request that was passed on, so that a doubled message does nothing.
        self.done = {}

    def take(self, message):
        """Handles one message."""
        src, body = message["src"], message["body"]
        kind = body["type"]
        if kind == "init":
            self.name, self.names = body["node_id"], body["node_ids"]
            if self.services:
                self.starter = (src, body)
                ask = {"type": "read", "key": "k", "msg_id": 1}
                return [self.message(service, ask) for service in sorted(self.services)]
            return [self.reply(src, body, {"type": "init_ok"})]
        if kind == "error":
            assert body["code"] == 10 and body["in_reply_to"] == 1, body
            self.services.remove(src)
            if self.services:
                return []
            return [self.reply(*self.starter, {"type": "init_ok"})]
        if kind == "echo":
            return [self.reply(src, body, {"type": "echo_ok", "echo": self.echo(body["echo"])})]
        if kind == "generate":
            self.made += 1
            full = f"{self.name}-{self.life}-{self.made}"
            made = self.made if self.ids_are_short else full
            return [self.reply(src, body, {"type": "generate_ok", "id": made})]
        if kind == "copy":
            self.values[body["key"]] = body["value"]
            return []
        if kind == "passed_on":
            return self.do_for_another(src, body)
        if kind == "done":
            return self.pass_back(body)
        if kind in ("read", "write", "cas"):
            return self.ask(src, body)
        return [self.reply(src, body, {"type": "error", "code": 10, "text": "not supported"})]

    def echo(self, said):
        """What comes back."""
        self.said.append(said)
        is_mistaken = self.echoes_before and len(self.said) % 50 == 0
        return self.said[-2] if is_mistaken else said

    def ask(self, client, body):
        """Does what a client asks, or passes it on."""
        primary = self.names[0]
        if self.name == primary:
            return self.do(client, body)
        if self.reads_own_copy and body["type"] == "read":
            return [self.reply(client, body, self.read(body["key"]))]
        self.asked += 1
        number = f"{self.life}-{self.asked}"
        self.passed_on[number] = (client, body)
        return [self.message(primary, {"type": "passed_on", "number": number, "op": body})]

    def do(self, client, body):
        """Does what a client asks, here."""
        answer, copies = self.apply(body)
        return [self.reply(client, body, answer)] + copies

    def do_for_another(self, node, body):
        """Does what another node passes on, once."""
        number, copies = body["number"], []
        if (node, number) not in self.done:
            self.done[node, number], copies = self.apply(body["op"])
        answer = self.done[node, number]
        return [self.message(node, {"type": "done", "number": number, "answer": answer})] + copies

    def pass_back(self, body):
        """Gives a client the answer of the first node, unless it has it."""
        asked = self.passed_on.pop(body["number"], None)
        if asked is None:
            return []
        client, request = asked
        return [self.reply(client, request, body["answer"])]

    def apply(self, body):
        """The answer, and what to tell the other nodes."""
        key = body["key"]
        if body["type"] == "read":
            return self.read(key), []
        if body["type"] == "cas":
            if key not in self.values:
                return {"type": "error", "code": 20, "text": "no such key"}, []
            if self.values[key] != body["from"]:
                return {"type": "error", "code": 22, "text": "it holds something else"}, []
        self.values[key] = body["to"] if body["type"] == "cas" else body["value"]
        copies = []
        if self.reads_own_copy:
            copy = {"type": "copy", "key": key, "value": self.values[key]}
            copies = [self.message(name, copy) for name in self.names if name != self.name]
        return {"type": body["type"] + "_ok"}, copies

    def read(self, key):
        """The answer to a read."""
        if key not in self.values:
            return {"type": "error", "code": 20, "text": "no such key"}
        return {"type": "read_ok", "value": self.values[key]}

    def message(self, dest, body):
        """A message of this node."""
        return {"src": self.name, "dest": dest, "body": body}

    def reply(self, client, request, answer):
        """An answer to a request of a client."""
        return self.message(client, {**answer, "in_reply_to": request["msg_id"]})


def main():
    """Reads messages until there are no more."""
    words = sys.argv[1:]
    services = SERVICES if "--ask-services" in words else []
    mistakes = [word in words for word in ("--echo-before", "--short-ids")]
    node = Node("--read-own-copy" in words, services, *mistakes)
    for line in sys.stdin:
        for message in node.take(json.loads(line)):
            print(json.dumps(message), flush=True)


main()
