using System.Runtime.CompilerServices;

// The bindings pass ref structs of one pointer (PyBorrowed, PyOwned, PyStolen) as if they were the pointer itself.
[assembly: DisableRuntimeMarshalling]
