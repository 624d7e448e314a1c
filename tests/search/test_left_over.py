"""What a writer that was killed leaves in the folder does not stop the next one."""

from __future__ import annotations

import shutil
from pathlib import Path

from km_pages.search.tantivy import TantivyEngine
from tests.search.conftest import Library, document


def test_a_list_of_deletions_that_a_killed_writer_left_is_cleared_away(
    library: Library, tmp_path: Path
) -> None:
    """Killed between writing that file and the commit, it would write the same again."""
    library.engine.rebuild([document(1, "Rota", "one"), document(2, "Rota", "two")])
    folder = tmp_path / "engine"
    before = tmp_path / "before"
    shutil.copytree(folder, before)
    library.engine.apply(upserts=[], deletes=[1])
    generation = library.engine.folder.current().name
    left = {each.name for each in (folder / generation).glob("*.del")}
    left -= {each.name for each in (before / generation).glob("*.del")}
    assert left, "tantivy names its files otherwise now"
    killed = tmp_path / "killed"
    shutil.copytree(before, killed)
    for name in (*left, ".managed.json"):
        shutil.copy(folder / generation / name, killed / generation / name)
    engine = TantivyEngine(killed)
    engine.apply(upserts=[], deletes=[1])
    assert set(engine.fingerprints()) == {2}
    engine.apply(upserts=[document(3, "Rota", "three")], deletes=[])
    assert set(engine.fingerprints()) == {2, 3}
