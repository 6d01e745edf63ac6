"""The pipeline's ports on AWS: each adapter speaks to one service and translates its errors."""
