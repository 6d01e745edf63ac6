"""What a run and a start cost, each beside its floor: the least that boto3 alone would cost.

CPU time is measured, not wall time: other processes of the same machine disturb it least. Figures
are compared within one run of ``make bench``, never across machines.
"""
