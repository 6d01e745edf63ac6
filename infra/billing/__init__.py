"""What AWS charges: an idle region by its templates, and runs by what they use."""
