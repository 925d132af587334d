;;; dfl-ts-mode.el --- Graphs of dflc, by tree-sitter  -*- lexical-binding: t; -*-

;;; Commentary:

;; Colors, indent, outline and `dflc lsp' for .dfl files, in Emacs 29 and later.  The colors are those of
;; queries/highlights.scm, by the faces that Emacs has for them.

;;; Code:

(require 'treesit)

(defvar dfl-ts-mode-indent 4
  "Spaces of a level.")

(defconst dfl-ts-mode--faces
  '(("keyword" . font-lock-keyword-face)
    ("constant.builtin" . font-lock-constant-face)
    ("operator" . font-lock-operator-face)
    ("punctuation.bracket" . font-lock-bracket-face)
    ("punctuation.delimiter" . font-lock-delimiter-face)
    ("comment" . font-lock-comment-face)
    ("string" . font-lock-string-face)
    ("string.escape" . font-lock-escape-face)
    ("number" . font-lock-number-face)
    ("type" . font-lock-type-face)
    ("type.builtin" . font-lock-builtin-face)
    ("module" . font-lock-type-face)
    ("constant" . font-lock-constant-face)
    ("function" . font-lock-function-name-face)
    ("function.builtin" . font-lock-builtin-face)
    ("label" . font-lock-function-name-face)
    ("variable" . font-lock-variable-use-face)
    ("variable.member" . font-lock-property-name-face)
    ("variable.parameter" . font-lock-variable-name-face))
  "What highlights.scm captures, and how it looks.")

(defconst dfl-ts-mode--directory
  (file-name-directory (or load-file-name buffer-file-name))
  "Where this file lies; the queries lie below.")

(defun dfl-ts-mode--query ()
  "The text of highlights.scm, with faces as captures."
  (with-temp-buffer
    (insert-file-contents (expand-file-name "queries/highlights.scm" dfl-ts-mode--directory))
    (while (re-search-forward "@\\([a-z.]+\\)" nil t)
      (replace-match (symbol-name (cdr (assoc (match-string 1) dfl-ts-mode--faces))) t t nil 1))
    (buffer-string)))

(defconst dfl-ts-mode--indent-rules
  '((dfl
     ((node-is "[]})]") parent-bol 0)
     ((parent-is "c_code\\|body\\|comment\\|string") no-indent)
     ((parent-is "\\`\\(?:enum\\|struct\\|graph\\|state\\|parameters\\|when\\|match\\|branches\\)\\'")
      parent-bol dfl-ts-mode-indent)
     ((parent-is "file") column-0 0)
     (catch-all parent-bol dfl-ts-mode-indent))))

(defun dfl-ts-mode--name (node)
  "The name that NODE declares."
  (treesit-node-text (treesit-node-child-by-field-name node "name") t))

;;;###autoload
(define-derived-mode dfl-ts-mode prog-mode "DFL"
  "Graphs of dflc."
  (when (treesit-ready-p 'dfl)
    (treesit-parser-create 'dfl)
    (setq-local comment-start "// " comment-end "" indent-tabs-mode nil
                treesit-font-lock-feature-list '((all))
                treesit-font-lock-settings
                (treesit-font-lock-rules :language 'dfl :feature 'all :override t (dfl-ts-mode--query))
                treesit-simple-indent-rules dfl-ts-mode--indent-rules
                treesit-defun-type-regexp "\\`\\(?:graph\\|enum\\|struct\\)\\'"
                treesit-defun-name-function #'dfl-ts-mode--name
                treesit-simple-imenu-settings
                '(("Graph" "\\`graph\\'" nil dfl-ts-mode--name)
                  ("Node" "\\`\\(?:node\\|predicate\\|router\\)\\'" nil dfl-ts-mode--name)
                  ("Type" "\\`\\(?:enum\\|struct\\)\\'" nil dfl-ts-mode--name)))
    (treesit-major-mode-setup)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.dfl\\'" . dfl-ts-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(dfl-ts-mode . ("dflc" "lsp"))))

(provide 'dfl-ts-mode)
;;; dfl-ts-mode.el ends here
