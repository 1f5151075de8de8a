using System.Management.Automation;

namespace PSSecureChat.Internal;

/// <summary>A name as a user typed it, plain or with wildcards. Signs that make no pattern, such as a single bracket, mean themselves.</summary>
internal sealed class NamePattern
{
    private readonly WildcardPattern _pattern;

    public NamePattern(string name, WildcardOptions options = WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant)
    {
        _pattern = new WildcardPattern(name, options);
        try
        {
            _pattern.IsMatch(string.Empty); // only now is it looked at
            IsWildcard = WildcardPattern.ContainsWildcardCharacters(name);
        }
        catch (WildcardPatternException)
        {
            _pattern = new WildcardPattern(WildcardPattern.Escape(name), options);
        }
    }

    /// <summary>Whether it may mean several, so that it is no error when it means none.</summary>
    public bool IsWildcard { get; }

    public bool IsMatch(string name) => _pattern.IsMatch(name);
}
