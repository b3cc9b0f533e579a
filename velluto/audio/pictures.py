def waveform_svg(a): return b""
def spectrogram_png(a): return b""
