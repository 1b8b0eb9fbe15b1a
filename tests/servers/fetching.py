"""Requests as plain as can be, for checking the servers: no proxy, no redirect followed, any status an answer."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request


class Refuse(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def opener(context=None):
    secure = urllib.request.HTTPSHandler(context=context)
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), Refuse, secure)


def fetch(url, context=None, form=None, **headers):
    """The status, headers and body of an answer, whatever the status. With a form, it is posted."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        answer = opener(context).open(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


def decoded(token):
    header, claims, _ = token.split(".")
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]
