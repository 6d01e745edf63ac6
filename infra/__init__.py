"""What is deployed, where, and how it is built, as data and AWS CDK.

    zones.toml · teams.toml · agents/*/agent.toml → Blueprint → bundles, layers → stacks → templates

Reads manifests and settings, never runtime code, so a template can be written without importing a
single handler. Nothing is looked up: the same files give the same templates, on any machine.
"""
