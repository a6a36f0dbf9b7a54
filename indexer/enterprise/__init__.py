"""What an enterprise sees and does about itself (我的企业): all that is held about it, repair of its records, its own declarations."""
