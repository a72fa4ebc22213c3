namespace Seriema.Browser.Tests;

/// <summary>How well text can be told from what is behind it.</summary>
internal static class Contrast
{
    /// <summary>JavaScript: each text whose contrast is below 4.5 (WCAG 2.2, success criterion 1.4.3), with the figure.</summary>
    internal const string FaintTexts = """
        () => {
            const parse = color => (color.match(/[\d.]+/g) ?? []).map(Number);
            const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
            const behind = element => {
                for (; element; element = element.parentElement) {
                    const color = parse(getComputedStyle(element).backgroundColor);
                    if (color.length === 3 || color[3] === 1) return color;
                }
                const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
                return isDark && getComputedStyle(document.documentElement).colorScheme.includes('dark') ? [18, 18, 18] : [255, 255, 255];
            };
            const faint = new Set();
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (texts.nextNode()) {
                const text = texts.currentNode.data.trim();
                const element = texts.currentNode.parentElement;
                if (!text || !element.checkVisibility()) continue;
                const [low, high] = [luminance(parse(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => a - b);
                const ratio = (high + 0.05) / (low + 0.05);
                if (ratio < 4.5) faint.add(`${text}: ${ratio.toFixed(2)}`);
            }
            return [...faint];
        }
        """;
}
