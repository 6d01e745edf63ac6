"""What the templates deploy to AppConfig, and what a session of the local one gets to see."""

from pathlib import Path

from local import appconfig
from local.appconfig import Session
from tests.unit.local.assemblies import ref, res, resolved, stack


def test_a_deployment_is_its_profile_s_name_and_its_version_s_content() -> None:
    found = resolved(
        stack(
            Resources={
                "App": res("AppConfig::Application", Name="a"),
                "Env": res("AppConfig::Environment", Name="e", ApplicationId=ref("App")),
                "Flags": res("AppConfig::ConfigurationProfile", Name="flags"),
                "Other": res("AppConfig::ConfigurationProfile", Name="other"),
                "Version": res("AppConfig::HostedConfigurationVersion", Content='{"a": 1}'),
                "Deployment": res(
                    "AppConfig::Deployment",
                    ApplicationId=ref("App"),
                    EnvironmentId=ref("Env"),
                    ConfigurationProfileId=ref("Flags"),
                    ConfigurationVersion=ref("Version"),
                ),
            }
        )
    )

    (deployed,) = appconfig.of(found.values())

    assert (deployed.name, deployed.content) == ("flags", '{"a": 1}')
    assert deployed.identity == tuple(found[name].ref for name in ("App", "Env", "Flags"))


def test_a_session_is_told_what_is_new_and_nothing_twice(tmp_path: Path) -> None:
    file = tmp_path / "flags.json"
    session, late = Session(file), Session(file)

    file.write_text("one")
    assert (session.news(), session.news()) == (b"one", b"")
    file.write_text("two")
    assert (session.news(), late.news()) == (b"two", b"two")
