"""Where the Django project keeps its key and its database."""

import os
import pathlib
import stat
import tempfile
import unittest
from unittest import mock

from djangosite import state


class Folder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        self.temporary = self.root / "tmp"
        self.temporary.mkdir()
        self.fallback = self.temporary / ("seriema-djangosite-%d" % os.getuid())
        for patch in (mock.patch.object(tempfile, "tempdir", str(self.temporary)),
                      mock.patch.dict(os.environ, HOME=str(self.root), XDG_CACHE_HOME=str(self.root / "cache"))):
            patch.start()
            self.addCleanup(patch.stop)
        state.folder.cache_clear()
        self.addCleanup(state.folder.cache_clear)

    def test_it_is_in_the_cache_and_nobody_else_s(self):
        folder = pathlib.Path(state.folder())
        self.assertEqual(self.root / "cache" / "seriema" / "djangosite", folder)
        self.assertEqual(0o700, stat.S_IMODE(folder.stat().st_mode))

    def test_without_a_setting_it_is_below_the_home(self):
        for value in ["", "relative"]:
            with self.subTest(value), mock.patch.dict(os.environ, XDG_CACHE_HOME=value):
                state.folder.cache_clear()
                self.assertEqual(str(self.root / ".cache" / "seriema" / "djangosite"), state.folder())

    def test_a_cache_that_cannot_be_written_is_replaced(self):
        (self.root / "cache").write_text("a file where the folder should be")
        self.assertEqual(str(self.fallback), state.folder())
        self.assertEqual(0o700, stat.S_IMODE(self.fallback.stat().st_mode))

    def test_a_user_without_a_home_has_a_folder_too(self):
        with mock.patch.dict(os.environ, XDG_CACHE_HOME=""), mock.patch("os.path.expanduser", lambda path: path):
            self.assertEqual(str(self.fallback), state.folder())

    def test_a_link_that_somebody_put_there_is_not_followed(self):
        (self.root / "cache").write_text("a file where the folder should be")
        self.fallback.symlink_to(self.root)
        self.assertRaises(PermissionError, state.folder)

    def test_somebody_else_s_folder_is_not_used(self):
        (self.root / "cache").write_text("a file where the folder should be")
        self.fallback.mkdir()
        other = os.getuid() + 1
        with mock.patch("os.getuid", lambda: other):
            os.rename(self.fallback, self.temporary / ("seriema-djangosite-%d" % other))
            self.assertRaises(PermissionError, state.folder)

    def test_the_key_stays_and_is_secret(self):
        key = state.secret_key()
        self.assertEqual((67, key), (len(key), state.secret_key()))
        self.assertEqual(0o600, stat.S_IMODE(os.stat(os.path.join(state.folder(), "secret-key")).st_mode))

    def test_what_a_start_that_was_cut_off_left_is_no_key(self):
        pathlib.Path(state.folder(), "secret-key.new").write_text("x" * 1000)
        self.assertEqual(67, len(state.secret_key()))


if __name__ == "__main__":
    unittest.main()
