using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Xml.Linq;

namespace PSSecureChat.Help;

/// <summary>The help of one parameter, as it stands in one parameter set.</summary>
internal sealed class ParameterHelp(CommandParameterInfo parameter, Type cmdlet, object fresh, CommentFile comments)
{
    // Those two are PowerShell's own; every cmdlet that changes something has them.
    private static readonly Dictionary<string, string> Standard = new()
    {
        ["WhatIf"] = "Shows what would happen if the cmdlet runs. Nothing is done.",
        ["Confirm"] = "Asks before anything is done.",
    };

    private bool IsSwitch => parameter.ParameterType == typeof(SwitchParameter);

    /// <summary>The type of one of what a parameter takes: of arrays the element, of optional values the value.</summary>
    public static Type Element(Type type) => Nullable.GetUnderlyingType(type) ?? (type.IsArray ? type.GetElementType()! : type);

    /// <summary>The parameter element.</summary>
    public XElement ToMaml() => new(
        Maml.Command + "parameter",
        new XAttribute("required", Bool(parameter.IsMandatory)),
        new XAttribute("variableLength", Bool(parameter.ParameterType.IsArray)),
        new XAttribute("globbing", Bool(parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any())),
        new XAttribute("pipelineInput", Pipeline()),
        new XAttribute("position", parameter.Position < 0 ? "named" : parameter.Position.ToString(CultureInfo.InvariantCulture)),
        new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
        Maml.Name(parameter.Name),
        Maml.Description(Text()),
        IsSwitch ? null : Values() is { Length: > 0 } values
            ? new XElement(Maml.Command + "parameterValueGroup", values.Select(static value => new XElement(Maml.Command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), value)))
            : null,
        IsSwitch ? null : new XElement(Maml.Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", Bool(parameter.ParameterType.IsArray)), ShortName()),
        Maml.Type(ShortName()),
        new XElement(Maml.Dev + "defaultValue", Default()));

    private static string Bool(bool value) => value ? "true" : "false";

    private string Pipeline()
    {
        string[] ways = [.. new[] { (parameter.ValueFromPipeline, "ByValue"), (parameter.ValueFromPipelineByPropertyName, "ByPropertyName") }.Where(static way => way.Item1).Select(static way => way.Item2)];
        return ways.Length == 0 ? "False" : $"True ({string.Join(", ", ways)})";
    }

    private IEnumerable<string> Text() => Standard.TryGetValue(parameter.Name, out string? standard)
        ? [standard]
        : CommentFile.Paragraphs(comments.OfProperty(cmdlet, parameter.Name, "summary")).Concat(Values().Select(Meaning).OfType<string>());

    private string? Meaning(string value) =>
        CommentFile.Paragraphs(comments.OfValue(Element(parameter.ParameterType), value, "summary")).FirstOrDefault() is { } meaning ? $"{value}: {meaning}" : null;

    private string[] Values() => parameter.Attributes.OfType<ValidateSetAttribute>().FirstOrDefault() is { } set
        ? [.. set.ValidValues]
        : Element(parameter.ParameterType) is { IsEnum: true } type ? Enum.GetNames(type) : [];

    private string ShortName() => Element(parameter.ParameterType).Name + (parameter.ParameterType.IsArray ? "[]" : string.Empty);

    private string Default() => parameter.IsMandatory ? "None" : cmdlet.GetProperty(parameter.Name)?.GetValue(fresh) switch
    {
        null or "" => IsSwitch ? "False" : "None",
        SwitchParameter => "False",
        string text => text,
        ICollection { Count: 0 } => "None",
        IEnumerable several => string.Join(", ", several.Cast<object>()),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        object other => other.ToString()!,
    };
}
