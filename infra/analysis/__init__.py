"""The field's analysers over every template: cfn-lint, cdk-nag and checkov.

    python -m infra.analysis            → what they find that nobody has accepted
    python -m infra.analysis --write    → docs/security.md, the table of what is accepted

They read the templates as they are deployed, of every stage and region; nothing of theirs gets
into a template. What they find and we mean is in ``accepted.toml``, at its resources and with its
reason. Anything else fails, and so does an entry that nothing needs any more.
"""
