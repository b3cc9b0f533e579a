def least_similarity(a,s,e): return 0.9
