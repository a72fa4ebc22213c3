// What a test measures is the whole process: allocations, and the one server that it may have.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
