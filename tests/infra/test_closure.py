"""The bundler finds every module that a file may import, wherever the import stands."""

from pathlib import Path

import pytest

from infra.closure import closure


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "ours/__init__.py": "",
        "ours/start.py": "import json\nfrom ours import near\n",
        "ours/near.py": "def later():\n    from ours.deep.far import thing\n    return thing\n",
        "ours/deep/__init__.py": "from . import sibling\n",
        "ours/deep/far.py": "from ..other import name as thing\n",
        "ours/deep/sibling.py": "",
        "ours/other.py": "name = 1\n",
        "ours/unused.py": "import ours.start\n",
        "ours/broken.py": "import ours.nowhere\n",
        "theirs.py": "import ours.unused\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def _names(root: Path, entry: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in closure(root, "ours", [entry])}


def test_imports_are_followed_into_functions_packages_and_relatives(root: Path):
    assert _names(root, root / "ours" / "start.py") == {
        "ours/__init__.py",
        "ours/start.py",
        "ours/near.py",
        "ours/deep/__init__.py",
        "ours/deep/far.py",
        "ours/deep/sibling.py",
        "ours/other.py",
    }


def test_a_file_outside_the_root_may_import_what_is_inside(root: Path, tmp_path_factory):
    agent = tmp_path_factory.mktemp("elsewhere") / "agent.py"
    agent.write_text("from ours.other import name\nfrom .contract import Reply\n", encoding="utf-8")
    found = closure(root, "ours", [agent])
    assert found == {agent, root / "ours" / "other.py", root / "ours" / "__init__.py"}


def test_a_module_that_does_not_exist_is_named(root: Path):
    with pytest.raises(ModuleNotFoundError, match=r"there is no module 'ours\.nowhere'"):
        closure(root, "ours", [root / "ours" / "broken.py"])
