"""What is watched: readings of metrics, the boards that show them, and when somebody is told.

    readings ← panels ← agent_board, region_board ← cloudwatch, grafana
    readings ← alarms ← objectives                  sections: how bad each alarm is

Everything here is data and knows no construct: two renderers and one construct read it.
"""
