using System.Runtime.InteropServices;

namespace Seriema.CPython;

/// <summary>unicodeobject.h: str.</summary>
internal static unsafe partial class Python
{
    internal static bool PyUnicode_CheckExact(PyBorrowed o) => Py_TYPE(o) == PythonData.UnicodeType;

    internal static bool PyUnicode_Check(PyBorrowed o) =>
        PyUnicode_CheckExact(o) || HasTypeFlag(o, Py_TPFLAGS_UNICODE_SUBCLASS);

    // PyObject *PyUnicode_DecodeLatin1(const char *string, Py_ssize_t length, const char *errors)
    /// <returns>New reference; null with MemoryError only, since every byte is a Latin-1 character.</returns>
    [LibraryImport(Lib)]
    [SuppressGCTransition]
    internal static partial PyOwned PyUnicode_DecodeLatin1(byte* value, nint length, byte* errors);

    // PyObject *PyUnicode_FromStringAndSize(const char *u, Py_ssize_t size)
    /// <returns>New reference; null with UnicodeDecodeError when the bytes are not UTF-8.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_FromStringAndSize(byte* utf8, nint size);

    // PyObject *PyUnicode_DecodeUTF8(const char *string, Py_ssize_t length, const char *errors)
    /// <returns>New reference; null with UnicodeDecodeError when <paramref name="errors"/> says strict (or is
    /// null).</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_DecodeUTF8(byte* value, nint length, byte* errors);

    // PyObject *PyUnicode_DecodeFSDefaultAndSize(const char *s, Py_ssize_t size)
    /// <returns>New reference: a file name or argument as Python itself decodes it (surrogateescape).</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_DecodeFSDefaultAndSize(byte* value, nint size);

    // PyObject *PyUnicode_EncodeFSDefault(PyObject *unicode)
    /// <returns>New reference to bytes; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_EncodeFSDefault(PyBorrowed unicode);

    // PyObject *PyUnicode_InternFromString(const char *v)
    /// <returns>New reference; null with an error set.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_InternFromString(byte* utf8);

    /// <inheritdoc cref="PyUnicode_InternFromString(byte*)"/>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyOwned PyUnicode_InternFromString(string value);

    // void PyUnicode_InternInPlace(PyObject **p_unicode)
    /// <remarks>Owns the reference in the variable before and after, but it may be another object then.</remarks>
    [LibraryImport(Lib)]
    internal static partial void PyUnicode_InternInPlace(nint* unicode);

    // const char *PyUnicode_AsUTF8AndSize(PyObject *unicode, Py_ssize_t *size)
    /// <returns>The str's own UTF-8, valid while the object lives; null with an error set (lone surrogates).</returns>
    [LibraryImport(Lib)]
    internal static partial byte* PyUnicode_AsUTF8AndSize(PyBorrowed unicode, nint* size);

    // PyObject *PyUnicode_AsLatin1String(PyObject *unicode)
    /// <returns>New reference to bytes; null with UnicodeEncodeError for a character above U+00FF.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_AsLatin1String(PyBorrowed unicode);

    // PyObject *PyUnicode_AsUTF8String(PyObject *unicode)
    /// <returns>New reference to bytes; null with UnicodeEncodeError for lone surrogates.</returns>
    [LibraryImport(Lib)]
    internal static partial PyOwned PyUnicode_AsUTF8String(PyBorrowed unicode);

    // PyObject *PyUnicode_AsEncodedString(PyObject *unicode, const char *encoding, const char *errors)
    /// <returns>New reference to bytes; null with an error set.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial PyOwned PyUnicode_AsEncodedString(PyBorrowed unicode, string encoding, string errors);

    // Py_ssize_t PyUnicode_GetLength(PyObject *unicode)
    /// <returns>Length in code points; -1 with TypeError when it is no str.</returns>
    [LibraryImport(Lib)]
    internal static partial nint PyUnicode_GetLength(PyBorrowed unicode);

    // int PyUnicode_CompareWithASCIIString(PyObject *unicode, const char *string)
    /// <returns>0 when equal; never fails.</returns>
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int PyUnicode_CompareWithASCIIString(PyBorrowed unicode, string value);
}
