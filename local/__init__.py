"""Runs the product on one machine, from the very templates and bundles that would be deployed.

Nothing here knows the product. What is known is what AWS does with a template, and that is done in
four stages, each of which can be read, tested and fail by itself:

    load        template.py          the cloud assembly of one region, stacks in deploy order
      │
    resolve     intrinsics.py        Ref, GetAtt, Sub, ImportValue … as functions over names
      │         resources.py         every resource with plain properties, across stacks
      │         physical.py          what each is called, known before anything exists
      │
    provision   kinds.py             every type is provisioned, interpreted or ignored, or refused
      │         provision.py         tables, topics, queues, subscriptions … on a moto server
      │         services.py          the moto server and the model endpoint, as child processes
      │           transactions · faults  what moto lacks, and how it can be made to fail
      │
    serve       rest_api.py          the REST API out of a dozen resource types
                gateway.py           route → authorizer → usage plan → validator → integration
                  routing · authorizer · policy · usage · validation · proxy · mock
                  · gateway_responses; server.py is its socket
                pollers.py           queues → batches → functions (event_sources.py)
                workers.py           one process per function (functions.py, layers.py)
                  sandbox · runtime_api · invocation · logs · clock
                identity.py          mints tokens; identity_server.py plays the issuers

stack.py puts them together, state.py tells other processes, children.py sees to it that nothing
outlives the runner.

**Why resolve before provisioning.** CloudFormation learns names while it creates, so it must create
in order and wait. Here names are computed, so a template can be resolved, checked and refused
before any of it exists; provisioning is then a plain loop.

**Why processes.** A function runs under the real Lambda runtime client, in a process that sees its
bundle, its layers and its environment, and nothing else of this machine. A file that a bundle
lacks, a variable that a stack forgets or an import that only a laptop can satisfy fails here, and
not after a deploy. A worker can be killed like a real one, and loses what a real one loses.

**Why a gateway of our own.** No emulator at hand has authorizers that name a usage key, usage plans
that then hold, and gateway responses. ``LocalGateway.handle`` takes a request and gives a response;
sockets are someone else's business, so all of it is tested without one.

**What is different from AWS** stands in a comment beginning with "Deviation from AWS" where it
happens, and in docs/local.md in one list.
"""
