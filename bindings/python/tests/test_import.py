"""What importing the package does to the process."""

import pathlib
import subprocess
import sys
import sysconfig

import authwright as aw
from authwright import _core, stores


def run(program: str, *options: str) -> str:
    command = [sys.executable, *options, "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def test_it_imports_no_more_than_it_needs() -> None:
    program = """
import sys, warnings
warnings.simplefilter("ignore")
before = set(sys.modules)
import authwright
print(*sorted(set(sys.modules) - before))
"""
    names = ["_core", "async_api_keys", "async_client", "async_token_manager", "async_verifier"]
    names += ["errors", "jws", "oauth"]
    assert run(program).split() == ["authwright", *(f"authwright.{name}" for name in names)]


def test_an_async_verifier_needs_no_client_of_others() -> None:
    program = """
import sys
import authwright
authwright.AsyncVerifier.discover("https://id.example")
authwright.oauth.AsyncClient("https://id.example", client_id="web")
keys = authwright.AsyncApiKeys("memory:", prefix="a", environment="b", peppers=b"p" * 32)
print(sorted({"httpx", "aiohttp", "asyncio"} & set(sys.modules)))
"""
    assert run(program).strip() == "['asyncio']"


def test_everything_that_is_public_is_documented() -> None:
    things = {name: getattr(aw, name) for name in set(aw.__all__) - {"__version__"}}
    things |= {name: getattr(aw.oauth, name) for name in aw.oauth.__all__}
    things |= {name: getattr(stores, name) for name in stores.__all__}
    for name, thing in things.items():
        assert thing.__doc__, name
        if name in aw.oauth.__all__:
            assert thing.__module__ == "authwright.oauth"
        ours = isinstance(thing, type) and thing.__module__ in ("authwright", "authwright.oauth")
        for member, value in vars(thing).items() if ours else ():
            if not member.startswith("_"):
                assert value.__doc__, f"{name}.{member}"
    assert aw.jws.sign.__doc__
    assert aw.__version__ == _core.__version__ != ""


def test_a_build_for_another_version_is_refused() -> None:
    """Its file name says which interpreter it is for; the module says so too, should somebody rename it."""
    if _core.__file__.endswith(".abi3.so"):
        return
    assert pathlib.Path(_core.__file__).name == "_core" + sysconfig.get_config_var("EXT_SUFFIX")


def test_a_subinterpreter_gets_an_import_error() -> None:
    program = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import authwright
source = '''
try:
    import authwright
except ImportError as error:
    print("ImportError", error, flush=True)
'''
id = interpreters.create()
failure = getattr(interpreters, "run_string", None) and interpreters.run_string(id, source)
if failure is not None and not isinstance(failure, int):
    print(failure.type.__name__, failure.msg)
sys.stdout.flush()
print("alive", authwright.Key.generate("HS256").is_private)
"""
    said = run(program, "-W", "ignore")
    assert "ImportError" in said
    assert "alive True" in said
