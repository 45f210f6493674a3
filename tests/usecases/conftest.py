"""A company with answers kept back, analysed once for the tests of what is asked of it."""

import pytest

import score_stories
from harken.usecases.workspaces import create_workspace, open_workspace


@pytest.fixture(scope="session")
def kept_back_company(tmp_path_factory):
    """The workspace of 6,000 customers, its run over 2,000 loaded answers, and the answers kept back."""
    from harken.usecases.analyzing.run import analyze

    root = tmp_path_factory.mktemp("kept") / "w"
    create_workspace(root, company="Made up", time_zone="UTC", currency="EUR")
    kept = score_stories.fill_kept_back(open_workspace(root))
    workspace = open_workspace(root)
    return workspace, analyze(workspace, now_us=score_stories.NOW), kept
